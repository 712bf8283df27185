/** Seconds are short: a hung connection is noticed and the call made again. */
export const CLIENT_SETTINGS = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 5_000, socketTimeout: 30_000 },
} as const;
