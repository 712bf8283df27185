/** An S3 location, `s3://bucket/key`. The key may be empty and may end in a slash (a prefix). */
export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/** undefined where the text is no S3 URI: the caller knows what to say. */
export function parseS3Uri(uri: string): S3Location | undefined {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/su.exec(uri);
  return match?.[1] === undefined ? undefined : { bucket: match[1], key: match[2] ?? '' };
}

export function formatS3Uri(location: S3Location): string {
  return location.key === '' ? `s3://${location.bucket}` : `s3://${location.bucket}/${location.key}`;
}
