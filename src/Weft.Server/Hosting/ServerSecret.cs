using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// The secret of the server, which is in its database. With it the server signs and encrypts what clients are given and send back.
/// </summary>
internal sealed class ServerSecret(FeedbackFacade feedback)
{
    // It never changes, so that it does not matter if two calls read it at once.
    private byte[]? _value;

    /// <summary>Returns the secret.</summary>
    public async ValueTask<byte[]> GetAsync(CancellationToken cancellationToken) =>
        _value ??= (await feedback.GetSecretAsync(cancellationToken)).ToArray();
}
