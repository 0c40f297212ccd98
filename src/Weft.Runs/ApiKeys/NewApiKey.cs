namespace Weft.Runs;

/// <summary>An API key that was just created.</summary>
/// <param name="Key">The key. It is not stored, so this is the only time that it can be shown.</param>
/// <param name="Record">What is stored of it.</param>
public sealed record NewApiKey(string Key, ApiKeyRecord Record);
