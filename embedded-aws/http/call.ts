import type { AwsError, RequestContext } from '../contracts.ts';
import type { HttpRequest, Reply } from './exchange.ts';
import type { Protocol } from './refusals.ts';

/** One request whose service and operation are known, not carried out yet. */
export interface Call {
  /** `s3`, `sts`, `sagemaker`, `logs`: as the service is called in a signature's scope. */
  readonly service: string;
  /** As the API names it: `PutObject`, `StartPipelineExecution`. */
  readonly operation: string;
  readonly protocol: Protocol;
  readonly bucket?: string;
  readonly key?: string;
  /** True for the one operation that is signed by nobody: AssumeRoleWithWebIdentity. */
  readonly anonymous?: boolean;
  run(context: RequestContext): Promise<Reply>;
  /** The error in the form that this service's clients parse. */
  refuse(error: AwsError): Reply;
}

/** A family of services that share a protocol. The first one that knows the request as its own opens it. */
export interface Front {
  isMine(request: HttpRequest): boolean;
  /** Throws nothing: a request that cannot be understood is a call that fails when it runs. */
  open(request: HttpRequest): Promise<Call>;
}
