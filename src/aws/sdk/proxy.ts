import { DeployError } from '../../core/errors.ts';

/**
 * The variables that Node's own agents read a proxy from: https://nodejs.org/api/http.html#built-in-proxy-support, since
 * Node 22.21 and 24.5; older ones ignore them and connect directly.
 */
export interface ProxyEnvironment {
  readonly HTTP_PROXY?: string;
  readonly HTTPS_PROXY?: string;
  readonly NO_PROXY: string;
}

/** No proxy can reach this machine itself, where a rehearsal has its AWS. */
const HERE = ['localhost', '127.0.0.1', '::1', '[::1]'];

/** undefined: the environment names no proxy. The lower-case variable comes first, as it does for curl and for Node. */
export function proxyOf(environment: Readonly<Record<string, string | undefined>>): ProxyEnvironment | undefined {
  const http = proxyUrl('HTTP_PROXY', environment);
  const https = proxyUrl('HTTPS_PROXY', environment);
  if (http === undefined && https === undefined) return undefined;
  const except = variable('NO_PROXY', environment);
  return {
    ...(http === undefined ? {} : { HTTP_PROXY: http }),
    ...(https === undefined ? {} : { HTTPS_PROXY: https }),
    NO_PROXY: [...(except === undefined ? [] : [except]), ...HERE].join(','),
  };
}

function variable(name: string, environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return environment[name.toLowerCase()] || environment[name] || undefined;
}

/** The value may hold a password, so an error does not repeat it. */
function proxyUrl(name: string, environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const value = variable(name, environment);
  if (value === undefined) return undefined;
  if (/^https?:\/\//i.test(value) && URL.canParse(value)) return value;
  throw new DeployError('endpoint-unreachable', `${name} is not the URL of a proxy; expected http://host:port.`, {
    advice: 'Correct it, or unset it where there is a direct route.',
  });
}
