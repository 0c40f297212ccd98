namespace Weft.Graphs.Tests.Channels;

/// <summary>Tests that change how states become JSON, which is for the whole process. No other tests are executed at the same time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ConfiguredJson
{
    public const string Name = "configured JSON";
}
