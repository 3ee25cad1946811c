/** Entry of a worker thread of the corpus pool: one trace a task. */

export { judge as default } from "./judge.js";
