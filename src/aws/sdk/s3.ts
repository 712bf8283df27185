import type { S3Client } from '@aws-sdk/client-s3';

type S3Module = typeof import('./modules/s3.ts');
/** The module and one client of it, loaded at first use. */
export type S3 = () => Promise<{ readonly sdk: S3Module; readonly client: S3Client }>;
