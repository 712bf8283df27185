/** 0: green; 1: the run failed; 2: what was typed is wrong, or an input is. */
export type ExitCode = 0 | 1 | 2;
