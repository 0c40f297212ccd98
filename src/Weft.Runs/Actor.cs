namespace Weft.Runs;

/// <summary>
/// The user or service that a call acts for. It scopes every call of storage: data of another actor is treated as missing.
/// </summary>
/// <param name="Id">
/// The owner of all that this actor creates, and of all that it can see. Empty on a server without authentication.
/// </param>
public sealed record Actor(string Id)
{
    /// <summary>The actor of a server without authentication.</summary>
    public static Actor Anonymous { get; } = new("");
}
