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

    /// <summary>The name of the actor, for people; null if it is the id.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The permissions that authentication found. The runs that the actor creates see them.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary>
    /// The part that this call sees of what the actor owns; null for all of it. Storage treats the rest as missing, too.
    /// </summary>
    public ActorScope? Scope { get; init; }
}
