// Where the house rules do not hold yet. The lists may only shrink: an entry that is no longer needed fails the test,
// and so does one that has grown beyond its figure.

/** Files above FILE_LINES_MAX, with the lines that each may have, at most FILE_LINES_HARD_MAX. */
export const longFiles: Readonly<Record<string, number>> = {};

/** Functions above FUNCTION_LINES_MAX, as `path name`, with the lines that each may have. */
export const longFunctions: Readonly<Record<string, number>> = {};
