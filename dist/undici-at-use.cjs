exports.ProxyAgent = function (options) { return new (require('./undici.cjs').ProxyAgent)(options); };
exports.fetch = (input, init) => require('./undici.cjs').fetch(input, init);
