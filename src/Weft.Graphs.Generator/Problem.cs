using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Weft.Graphs.Generator;

/// <summary>A diagnostic, and where it is.</summary>
internal sealed record Problem(string Id, string Path, TextSpan Span, LinePositionSpan Lines, EquatableList<string> Arguments)
{
    public static Problem Of(DiagnosticDescriptor rule, Location? location, params string[] arguments) => new(
        rule.Id,
        location?.SourceTree?.FilePath ?? "",
        location?.SourceSpan ?? default,
        location?.GetLineSpan().Span ?? default,
        new EquatableList<string>(arguments));

    public Diagnostic ToDiagnostic() => Diagnostic.Create(
        Rules.Find(Id), Path.Length == 0 ? Location.None : Location.Create(Path, Span, Lines), [.. Arguments.Cast<object>()]);
}
