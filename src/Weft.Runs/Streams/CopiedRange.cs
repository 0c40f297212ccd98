namespace Weft.Runs;

/// <summary>A range of a value that is the same in another one.</summary>
internal readonly record struct CopiedRange(int To, int Source, int From, int Length);
