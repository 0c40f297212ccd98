using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <content>What the run gives the node, as values of types.</content>
public sealed partial class NodeContext
{
    /// <summary>Returns the input of the <see cref="Send"/> that runs the node.</summary>
    /// <param name="typeInfo">How it is read; null means <see cref="GraphJson.WebOptions"/>.</param>
    /// <exception cref="InvalidUpdateException">The input does not fit, or the node was not run by a send.</exception>
    public T GetInput<T>(JsonTypeInfo<T>? typeInfo = null) => Input is { } input
        ? Read("input", input, typeInfo ?? GraphJson.WebTypeInfo<T>())
        : throw new InvalidUpdateException($"The node '{Node}' has no input of its own, because no send runs it: read its state instead.");

    /// <summary>Returns the static context of the run.</summary>
    /// <param name="typeInfo">How it is read; null means <see cref="GraphJson.WebOptions"/>.</param>
    /// <exception cref="InvalidUpdateException">The context does not fit, or the run has none.</exception>
    public T GetContext<T>(JsonTypeInfo<T>? typeInfo = null) => Read(
        "context", RunContext ?? throw new InvalidUpdateException("The run has no context."), typeInfo ?? GraphJson.WebTypeInfo<T>());

    /// <summary>
    /// Asks a question and waits for an answer of a type. An answer that does not fit the type is asked again: the new
    /// question has a member <c>problem</c> that says what is wrong. The interrupt has the JSON Schema of the answer as its
    /// <see cref="Weft.Graphs.Interrupt.ResponseSchema"/>. Otherwise as <see cref="Interrupt{T}(T, JsonTypeInfo{T}?, string?)"/>.
    /// </summary>
    /// <param name="question">A value that shows the person what to decide.</param>
    /// <param name="questionInfo">How the question becomes JSON; null means <see cref="GraphJson.WebOptions"/>.</param>
    /// <param name="answerInfo">How the answer is read; null means <see cref="GraphJson.WebOptions"/>.</param>
    /// <param name="key">What identifies the question among those of the node.</param>
    /// <exception cref="GraphInterruptException">There is no answer yet. Let it pass.</exception>
    /// <exception cref="NoCheckpointerException">
    /// The run has no checkpointer, so that it could not be resumed.
    /// </exception>
    public TAnswer Interrupt<TQuestion, TAnswer>(
        TQuestion question, JsonTypeInfo<TQuestion>? questionInfo = null, JsonTypeInfo<TAnswer>? answerInfo = null, string? key = null)
    {
        ThrowIfUnasked();
        var asked = GraphJson.ToElement(question, questionInfo ?? GraphJson.WebTypeInfo<TQuestion>());
        var answers = answerInfo ?? GraphJson.WebTypeInfo<TAnswer>();
        var value = asked;
        for (var turn = 2; ; turn++)
        {
            var answer = Ask(value, key is null || turn == 2 ? key : $"{key}#{turn}", () => SchemaExport.Find(answers));
            try
            {
                return Read("answer", answer, answers);
            }
            catch (InvalidUpdateException wrong)
            {
                value = WithProblem(asked, wrong.Message);
            }
        }
    }

    private static T Read<T>(string name, JsonElement json, JsonTypeInfo<T> typeInfo)
    {
        try
        {
            return ChannelJson.Deserialize(json, typeInfo)
                ?? (default(T) is null && typeof(T).IsValueType ? default! : throw new InvalidUpdateException($"{name}: The value must not be null."));
        }
        catch (JsonException e)
        {
            throw new InvalidUpdateException(StrictJson.Describe(name, e));
        }
    }

    /// <summary>Returns the question with a member more; a question that is not an object becomes the member <c>question</c>.</summary>
    private static JsonElement WithProblem(JsonElement question, string problem) =>
        GraphJson.Parse(GraphJson.Encode((question, problem), static (writer, s) =>
        {
            writer.WriteStartObject();
            if (s.question.ValueKind != JsonValueKind.Object)
            {
                writer.WritePropertyName("question"u8);
                s.question.WriteTo(writer);
            }
            else
            {
                foreach (var member in s.question.EnumerateObject())
                {
                    member.WriteTo(writer);
                }
            }

            writer.WriteString("problem"u8, s.problem);
            writer.WriteEndObject();
        }));
}
