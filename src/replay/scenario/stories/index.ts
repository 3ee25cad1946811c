/** The stories that can be told: the seed's, and what the designs differ in. */

import * as crash from "./crash.js";
import * as forgotten from "./forgotten.js";
import * as happy from "./happy.js";
import * as mutation from "./mutation.js";
import * as owners from "./owners.js";
import type { StoryPlan } from "./story.js";

export type { StoryPlan } from "./story.js";
export { tellStory } from "./story.js";

export const STORIES: readonly StoryPlan[] = [happy, crash, forgotten, mutation, owners].flatMap(
  (chapter): StoryPlan[] => Object.values(chapter),
);
