export type StepStatus = 'Starting' | 'Executing' | 'Stopping' | 'Stopped' | 'Failed' | 'Succeeded';

export interface StepState {
  readonly name: string;
  readonly status: StepStatus;
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly failureReason: string | undefined;
  readonly attempts: number;
  /** Served from the step cache: the execution whose result is used. */
  readonly cachedFrom: string | undefined;
  readonly modelArn: string | undefined;
  readonly jobArn: string | undefined;
  readonly packageArn: string | undefined;
}
