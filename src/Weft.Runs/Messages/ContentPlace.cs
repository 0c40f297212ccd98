namespace Weft.Runs;

/// <summary>Where the body of a checkpoint has the content of a message, byte for byte. Storage need not keep that content again.</summary>
/// <param name="CheckpointId">The checkpoint of the root graph.</param>
/// <param name="Start">The index of the first byte in its body.</param>
public readonly record struct ContentPlace(CheckpointId CheckpointId, int Start);
