import { createRequire } from 'node:module';
const undici = () => createRequire(import.meta.url)('./undici.cjs');
export const ProxyAgent = function (options) { return new (undici().ProxyAgent)(options); };
export const fetch = (input, init) => undici().fetch(input, init);
