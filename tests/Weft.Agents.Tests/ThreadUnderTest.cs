using System.Text.Json;
using Weft.Graphs;
using Weft.Graphs.Tests.Streaming;

namespace Weft.Agents.Tests;

/// <summary>A thread of a graph: its turns, and what they streamed.</summary>
internal sealed class ThreadUnderTest(CompiledGraph graph)
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private InMemoryCheckpointer _checkpointer = new();
    private readonly List<(StreamMode Mode, JsonElement Data)> _parts = [];

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public StreamMode Modes { get; init; } = StreamMode.Values | StreamMode.MessagesTuple;

    public IEnumerable<JsonElement> Chunks => _parts.Where(part => part.Mode == StreamMode.MessagesTuple).Select(part => part.Data[0]);

    public IEnumerable<JsonElement> Metadata => _parts.Where(part => part.Mode == StreamMode.MessagesTuple).Select(part => part.Data[1]);

    public IReadOnlyList<(StreamMode Mode, JsonElement Data)> Parts => _parts;

    public IEnumerable<JsonElement> Of(StreamMode mode) => _parts.Where(part => part.Mode == mode).Select(part => part.Data);

    public JsonElement Values => _parts.Last(part => part.Mode == StreamMode.Values).Data;

    public IReadOnlyList<JsonElement> Messages => [.. Values.GetProperty("messages").EnumerateArray()];

    public JsonElement Interrupt => Values.GetProperty("__interrupt__")[0].GetProperty("value");

    public bool IsPaused => Values.TryGetProperty("__interrupt__", out _);

    /// <summary>The same thread with another graph.</summary>
    public ThreadUnderTest With(CompiledGraph other) => new(other) { Time = Time, Modes = Modes, _checkpointer = _checkpointer };

    public Task SayAsync(string text) => RunAsync(GraphInput.FromJson(JsonSerializer.SerializeToElement(new { messages = text })));

    public Task AnswerAsync(string json) => RunAsync(new Command { Resume = JsonElement.Parse(json) });

    public Task AddAsync(params Message[] messages) =>
        RunAsync(GraphInput.FromJson(JsonSerializer.SerializeToElement(new { messages = messages.Select(message => message.Json) })));

    /// <summary>Says something and stops the run once <paramref name="reached"/> is reached.</summary>
    public async Task SayAndStopAsync(string text, Task reached)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var run = RunAsync(GraphInput.FromJson(JsonSerializer.SerializeToElement(new { messages = text })), stop.Token);
        await reached.WaitAsync(Stop);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => run);
    }

    private Task RunAsync(GraphInput input) => RunAsync(input, Stop);

    private async Task RunAsync(GraphInput input, CancellationToken cancellationToken)
    {
        _parts.Clear();
        var options = new GraphRunOptions { Checkpointer = _checkpointer, Modes = Modes, Time = Time };
        await foreach (var part in graph.StreamAsync(input, options, cancellationToken))
        {
            _parts.Add((part.Mode, JsonElement.Parse(part.JsonOf())));
        }
    }
}

/// <summary>Short ways to look into JSON.</summary>
internal static class JsonLook
{
    public static string? Text(this JsonElement json, string member) => json.GetProperty(member).GetString();

    public static string Content(this JsonElement message) => message.GetProperty("content").GetString()!;
}
