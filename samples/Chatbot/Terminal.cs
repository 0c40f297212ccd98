using Weft.Graphs;

namespace Weft.Samples;

/// <summary>Shows a conversation in the terminal.</summary>
internal static class Terminal
{
    /// <summary>Says something to the chatbot, and prints its answer as it is generated.</summary>
    public static Task SayAsync(CompiledGraph graph, string text, GraphRunOptions? options = null)
    {
        Console.WriteLine($"You: {text}");
        return PrintAsync(graph, GraphInput.Of(new { messages = text }), options);
    }

    /// <summary>Runs the chatbot, and prints its answer as it is generated.</summary>
    public static async Task PrintAsync(CompiledGraph graph, GraphInput input, GraphRunOptions? options = null)
    {
        options ??= new GraphRunOptions();
        var speaker = "Bot: ";
        await foreach (var part in graph.StreamAsync(input, options with { Modes = StreamMode.MessagesTuple }))
        {
            if (part is MessageChunkPart { IsText: true } chunk)
            {
                Console.Write(speaker + chunk.Text);
                speaker = "";
            }
        }

        Console.WriteLine();
    }
}
