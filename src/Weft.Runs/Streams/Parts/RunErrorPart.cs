using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The run failed.</summary>
/// <param name="name">As <see cref="Name"/>.</param>
/// <param name="message">As <see cref="Message"/>.</param>
public sealed class RunErrorPart(string name, string message) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.None;

    /// <summary>The name of the exception's type.</summary>
    public string Name => name;

    /// <summary>The text of the exception, or what is shown in place of it.</summary>
    public string Message => message;

    /// <inheritdoc/>
    public override int CostBytes => 2 * (name.Length + message.Length);
}
