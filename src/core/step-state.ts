/** Those that AWS documents; any other text can come. */
export type StepStatus = 'Starting' | 'Executing' | 'Stopping' | 'Stopped' | 'Failed' | 'Succeeded' | (string & {});

export interface StepState {
  readonly name: string;
  readonly status: StepStatus;
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly failureReason: string | undefined;
  readonly attempts: number;
  /** Served from the step cache: the execution whose result is used. */
  readonly cachedFrom: string | undefined;
  /** ARNs may hold a name in lower case, or cut: names come from the answers of Describe calls. */
  readonly modelArn: string | undefined;
  readonly modelName?: string | undefined;
  readonly jobArn: string | undefined;
  readonly jobName?: string | undefined;
  readonly packageArn: string | undefined;
}
