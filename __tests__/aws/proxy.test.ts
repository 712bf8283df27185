import { describe, expect, test } from '@jest/globals';
import { proxyOf } from '../../src/aws/sdk/clients.ts';

const HERE = 'localhost,127.0.0.1,::1,[::1]';

describe('the proxy of an environment', () => {
  test.each([
    [{}, undefined],
    [{ NO_PROXY: '.internal' }, undefined],
    [{ HTTPS_PROXY: '', https_proxy: '' }, undefined],
    [{ HTTPS_PROXY: 'http://p:3128' }, { HTTPS_PROXY: 'http://p:3128', NO_PROXY: HERE }],
    [
      { https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:1' },
      { HTTPS_PROXY: 'http://lower:1', NO_PROXY: HERE },
    ],
    [
      { HTTP_PROXY: 'http://a:1', https_proxy: 'https://b:2', no_proxy: '.internal,10.0.0.1' },
      { HTTP_PROXY: 'http://a:1', HTTPS_PROXY: 'https://b:2', NO_PROXY: `.internal,10.0.0.1,${HERE}` },
    ],
  ])('of %j', (environment, proxy) => {
    expect(proxyOf(environment)).toEqual(proxy);
  });

  test.each([
    'proxy:3128',
    'user:hunter2@proxy:3128',
    'socks5://user:hunter2@proxy',
    'http://user:hunter2@:1',
    'http://',
  ])('is refused where %s is no URL of one, and its password is not told', (value) => {
    expect(() => proxyOf({ HTTPS_PROXY: value })).toThrow(
      /^HTTPS_PROXY is not the URL of a proxy; expected http:\/\/host:port\.$/,
    );
  });
});
