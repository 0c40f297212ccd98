namespace Weft.Runs;

/// <summary>The factory of a graph has not returned within its time.</summary>
internal sealed class SlowFactoryException(string message) : Exception(message);
