/** Characters a terminal would act on: control characters except newline, and bidi overrides. */
export function controlCharacters(text: string): string[] {
  return [...text].filter((character) => {
    const code = character.codePointAt(0) ?? 0;
    const isControl = (code < 0x20 && character !== "\n") || (code >= 0x7f && code < 0xa0);
    return isControl || (code >= 0x202a && code <= 0x202e);
  });
}
