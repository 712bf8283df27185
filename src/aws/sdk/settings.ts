import { proxyOf } from './proxy.ts';

/**
 * What every client is made with. Seconds are short: a hung connection is noticed and the call made again.
 * @throws DeployError `endpoint-unreachable` where the environment names a proxy that cannot be one
 */
export function clientSettings(region: string) {
  const proxyEnv = proxyOf(process.env);
  const agent = proxyEnv === undefined ? {} : { httpAgent: { proxyEnv }, httpsAgent: { proxyEnv } };
  return { region, maxAttempts: 4, requestHandler: { connectionTimeout: 5_000, socketTimeout: 30_000, ...agent } };
}
