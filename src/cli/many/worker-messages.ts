/** What a worker says to the process that started it. */
export type FromWorker<Answer> =
  /** How far it has come with its task. */
  { readonly bytes_read: number } | { readonly answer: Answer };
