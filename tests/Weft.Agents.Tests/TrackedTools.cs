using Microsoft.Extensions.AI;

namespace Weft.Agents.Tests;

/// <summary>Creates tools that record their calls.</summary>
internal sealed class TrackedTools
{
    private readonly List<string> _ran = [];

    /// <summary>The calls so far, as <c>name:argument</c>.</summary>
    public IReadOnlyList<string> Ran
    {
        get
        {
            lock (_ran)
            {
                return [.. _ran];
            }
        }
    }

    public AIFunction Create(string name) => AIFunctionFactory.Create(
        (string? x = null) =>
        {
            lock (_ran)
            {
                _ran.Add($"{name}:{x}");
            }

            return "ok";
        },
        name,
        $"Does {name}.");
}
