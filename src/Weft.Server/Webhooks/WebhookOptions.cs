namespace Weft.Server;

/// <summary>How webhooks are called when runs end (docs/protocol/webhooks.md).</summary>
public sealed class WebhookOptions
{
    /// <summary>How long a receiver may take to answer a call. Default: 10 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The maximum number of calls of one webhook, until it is delivered. Default: 20.</summary>
    public int AttemptsMax { get; set; } = 20;

    /// <summary>
    /// The wait after the first failed call. Each wait is three times as long as the previous one, and up to a quarter longer or
    /// shorter. Default: 5 seconds.
    /// </summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The longest wait between two calls. A receiver's <c>Retry-After</c> may make a wait longer, up to this. Default: 4 hours.
    /// </summary>
    public TimeSpan DelayMax { get; set; } = TimeSpan.FromHours(4);

    /// <summary>How long after the end of its run a webhook may be called again. Default: 24 hours.</summary>
    public TimeSpan RetryTime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The maximum number of calls at once. Default: 256.</summary>
    public int CallsMax { get; set; } = 256;

    /// <summary>
    /// The maximum number of calls at once to one host, so that a host that does not answer does not delay the webhooks of others.
    /// Default: 8.
    /// </summary>
    public int CallsPerReceiverMax { get; set; } = 8;

    /// <summary>
    /// The payloads of the calls that are made at once, in bytes. While they have more, no further call begins; the last few that were
    /// begun together may exceed it. Default: 64 MB.
    /// </summary>
    public long PayloadBytesMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// The secrets that calls are signed with, as in the Standard Webhooks specification: <c>whsec_</c> and 24 to 64 bytes in base64.
    /// With several, a call has a signature for each, so that receivers can change from one to the next. Empty means that calls are
    /// not signed. Default: empty.
    /// </summary>
    public IList<string> Secrets { get; } = [];

    /// <summary>
    /// The receivers that may be called although their addresses are not public: host names such as <c>hooks.internal</c> or
    /// <c>*.internal</c>, IP addresses, and networks such as <c>10.1.0.0/16</c>; <c>*</c> allows any. In the environment
    /// <c>Development</c>, loopback addresses are allowed in addition. Default: empty.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>
    /// The paths of this application that may be a webhook, such as <c>/hooks/run-ended</c>, or <c>/hooks/*</c> for all below. They are
    /// called without credentials. Paths of the API are never called. Default: empty.
    /// </summary>
    public IList<string> Paths { get; } = [];
}
