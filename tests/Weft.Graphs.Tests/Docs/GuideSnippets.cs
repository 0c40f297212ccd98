namespace Weft.Graphs.Tests.Docs;

/// <summary>Code of the guide, run as it stands there: what it prints is what the guide says.</summary>
public abstract class GuideSnippets
{
    /// <summary>Stands for the console.</summary>
    protected Printed Console { get; } = new();

    /// <summary>Checks that the snippet has printed what the guide says.</summary>
    protected void Prints(string name) => string.Join('\n', Console.Lines).TrimEnd().ShouldBe(Guide.PrintsOf(name));

    /// <summary>Lines that were printed.</summary>
    protected sealed class Printed
    {
        internal List<string> Lines { get; } = [];

        /// <summary>Prints a line.</summary>
        public void WriteLine(object? value) => Lines.Add($"{value}");

        /// <summary>Forgets what was printed.</summary>
        public void Clear() => Lines.Clear();
    }
}
