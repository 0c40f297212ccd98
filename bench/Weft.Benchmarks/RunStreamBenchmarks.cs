using BenchmarkDotNet.Attributes;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Benchmarks;

/// <summary>What an event of a run's log costs: appended once, read by each reader. More readers must not cost more encoding.</summary>
[MemoryDiagnoser]
public class RunStreamBenchmarks
{
    private const int Events = 1000;

    private readonly byte[] _data = new byte[250];
    private readonly RunsOptions _options = new();

    /// <summary>How many read the log.</summary>
    [Params(1, 100)]
    public int Readers { get; set; }

    /// <summary>Appends a thousand events and has each reader read them all.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long Append_and_read()
    {
        var stream = new RunStream(new RunId(Guid.Empty), new ThreadId("t"), ["values"], _options);
        var readers = Enumerable.Range(0, Readers).Select(_ => stream.Read(-1)).ToList();
        for (var i = 0; i < Events; i++)
        {
            stream.Append(new ValuesPart(LazyJson.FromUtf8(_data)), DateTimeOffset.UnixEpoch);
        }

        long read = 0;
        foreach (var reader in readers)
        {
            for (var batch = reader.TryRead(); !batch.IsEmpty; batch = reader.TryRead())
            {
                foreach (var added in batch)
                {
                    read += ((ValuesPart)added.Part).State.Length;
                }
            }
        }

        return read;
    }
}
