namespace Weft.Server;

/// <summary>A registered authorization handler.</summary>
/// <param name="Resource">The resource that it is for; null for each that has no handler of its own.</param>
/// <param name="Action">The action that it is for; null for each that has no handler of its own.</param>
/// <param name="Handler">The handler.</param>
internal sealed record AccessRule(
    AccessResource? Resource, AccessAction? Action, Func<AccessContext, ValueTask<AccessResult>> Handler);
