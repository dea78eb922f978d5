/** Defined by the target of the build `batch` alone: see asconfig.json. */
declare const BATCH_APART: i32;
