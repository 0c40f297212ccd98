namespace Weft.Testing;

/// <summary>
/// Something differs from what a test expects. The message has both. Every test framework reports it as a failed test.
/// </summary>
public sealed class ExpectationException(string message) : Exception(message);
