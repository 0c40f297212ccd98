namespace Weft.Agents;

/// <summary>
/// What a run may ask of the model by <c>config.configurable</c>, in the form of OpenAI's chat completions. Clients of OpenAI's API do so
/// with each request (docs/protocol/openai.md 3).
/// </summary>
[Flags]
public enum CallerSettings
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>
    /// How it answers: <c>temperature</c>, <c>top_p</c>, <c>max_completion_tokens</c> or <c>max_tokens</c>, <c>stop</c>, <c>seed</c>,
    /// <c>presence_penalty</c>, <c>frequency_penalty</c> and <c>reasoning_effort</c>.
    /// </summary>
    Sampling = 1,

    /// <summary>The form of the answer: <c>response_format</c>.</summary>
    Format = 2,

    /// <summary>
    /// Tools that the caller runs itself: functions in <c>tools</c>, and <c>tool_choice</c> and <c>parallel_tool_calls</c>. A call of such
    /// a tool ends the turn. The caller adds its result to the conversation and starts the next one.
    /// </summary>
    Tools = 4,

    /// <summary>All of these.</summary>
    All = Sampling | Format | Tools,
}
