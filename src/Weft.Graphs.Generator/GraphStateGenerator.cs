using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Weft.Graphs.Generator;

/// <summary>Writes the code of records with a <c>GraphStateAttribute</c>.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class GraphStateGenerator : IIncrementalGenerator
{
    /// <inheritdoc />
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var states = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                Names.GraphState,
                static (node, _) => node is TypeDeclarationSyntax,
                static (found, cancellationToken) => new StateReader(found, cancellationToken).Read())
            .WithTrackingName("States");
        context.RegisterSourceOutput(states, static (output, state) =>
        {
            foreach (var problem in state.Problems)
            {
                output.ReportDiagnostic(problem.ToDiagnostic());
            }

            if (!state.IsUnusable)
            {
                output.AddSource(state.File, new StateWriter(state).Write());
            }
        });
    }
}
