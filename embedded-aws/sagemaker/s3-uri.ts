export type S3Location = { readonly bucket: string; readonly key: string };

/** `s3://bucket/key`; the key may be empty. Undefined for anything else, also for https. */
export function parseS3Uri(uri: string): S3Location | undefined {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri);
  return match?.[1] === undefined ? undefined : { bucket: match[1], key: match[2] ?? '' };
}
