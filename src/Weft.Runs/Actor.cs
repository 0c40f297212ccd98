namespace Weft.Runs;

/// <summary>Whom a call acts for. Every store call is scoped by it: what belongs to another actor is as if absent.</summary>
/// <param name="Id">The owner that is written on what this actor makes, and that it can see; empty where no one is told apart.</param>
public sealed record Actor(string Id)
{
    /// <summary>The actor of a server without authentication.</summary>
    public static Actor Anonymous { get; } = new("");
}
