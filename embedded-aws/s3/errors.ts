import { AwsError } from '../contracts.ts';
import type { Reply } from '../http/exchange.ts';
import { writeXml } from '../xml.ts';

export interface S3ErrorOptions {
  readonly status?: number;
  /** Further elements of the error document: `BucketName`, `Condition`. */
  readonly details?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export class S3Error extends AwsError {
  readonly details: Readonly<Record<string, string | number>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, message: string, options: S3ErrorOptions = {}) {
    super(code, message, options.status ?? 400);
    this.details = options.details ?? {};
    this.headers = options.headers ?? {};
  }
}

/** @param resource the path that was asked for */
export function errorReply(error: AwsError, resource: string, requestId: string): Reply {
  const details = error instanceof S3Error ? error.details : {};
  const headers = error instanceof S3Error ? error.headers : {};
  if (error.httpStatus === 304) return { status: 304, headers };
  const body = writeXml('Error', {
    Code: error.code,
    Message: error.message,
    ...details,
    Resource: resource,
    RequestId: requestId,
    HostId: 'embedded-aws',
  });
  return { status: error.httpStatus, headers: { ...headers, 'content-type': 'application/xml' }, body };
}

export function noSuchBucket(bucket: string): S3Error {
  const details = { BucketName: bucket };
  return new S3Error('NoSuchBucket', 'The specified bucket does not exist', { status: 404, details });
}

export function noSuchKey(key: string, headers: Readonly<Record<string, string>> = {}): S3Error {
  const options = { status: 404, details: { Key: key }, headers };
  return new S3Error('NoSuchKey', 'The specified key does not exist.', options);
}

export function noSuchUpload(uploadId: string): S3Error {
  const message =
    'The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been ' +
    'aborted or completed.';
  return new S3Error('NoSuchUpload', message, { status: 404, details: { UploadId: uploadId } });
}

export function preconditionFailed(condition: string): S3Error {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return new S3Error('PreconditionFailed', message, { status: 412, details: { Condition: condition } });
}

export function invalidArgument(message: string, name: string, value: string): S3Error {
  return new S3Error('InvalidArgument', message, { details: { ArgumentName: name, ArgumentValue: value } });
}

export function invalidRequest(message: string): S3Error {
  return new S3Error('InvalidRequest', message);
}

export function malformedXml(): S3Error {
  const message = 'The XML you provided was not well-formed or did not validate against our published schema';
  return new S3Error('MalformedXML', message);
}

export function notImplemented(header: string): S3Error {
  const message = 'A header you provided implies functionality that is not implemented';
  return new S3Error('NotImplemented', message, { status: 501, details: { Header: header } });
}
