using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Weft.Graphs.Generator;

namespace Weft.Graphs.Tests.Typed;

/// <summary>Code that is compiled with the generator.</summary>
internal sealed class Compiled
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using System.Text.Json;
        using System.Text.Json.Serialization;
        using System.Threading;
        using System.Threading.Tasks;
        using Weft.Graphs;

        """;

    private static readonly MetadataReference[] References =
        [
            .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
                .Select(path => MetadataReference.CreateFromFile(path)),
            MetadataReference.CreateFromFile(typeof(StateGraph).Assembly.Location),
        ];

    private Compiled(GeneratorDriver driver, Compilation compilation, IReadOnlyList<Diagnostic> generated)
    {
        Driver = driver;
        Compilation = compilation;
        Problems = [.. generated.Select(Describe)];
        Errors = [.. compilation.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error).Select(Describe)];
    }

    /// <summary>What the generator reports: the id, the line in the code, and the message.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>What the compiler reports about all of the code.</summary>
    public IReadOnlyList<string> Errors { get; }

    public GeneratorDriver Driver { get; }

    public Compilation Compilation { get; }

    public static Compiled Of(string code)
    {
        var tree = Parse(Usings + code, "States.cs");
        var compilation = CSharpCompilation.Create(
            "States",
            [tree],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        var driver = CSharpGeneratorDriver.Create(
            [new GraphStateGenerator().AsSourceGenerator()],
            parseOptions: (CSharpParseOptions)tree.Options,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        var ran = driver.RunGeneratorsAndUpdateCompilation(compilation, out var output, out var generated);
        return new Compiled(ran, output, generated);
    }

    public static SyntaxTree Parse(string code, string file) =>
        CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(LanguageVersion.Latest), file);

    private static string Describe(Diagnostic found) =>
        $"{found.Id} line {found.Location.GetLineSpan().StartLinePosition.Line - Usings.Count(c => c == '\n') + 1}: "
            + found.GetMessage(System.Globalization.CultureInfo.InvariantCulture);
}
