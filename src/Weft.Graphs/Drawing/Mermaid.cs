using System.Globalization;
using System.Text;

namespace Weft.Graphs;

/// <summary>Writes a drawing as Mermaid text (mermaid.js.org), in the style of LangGraph.</summary>
internal static class Mermaid
{
    public static string Of(DrawnGraph graph)
    {
        var text = new StringBuilder("graph TD;\n");
        foreach (var node in graph.Nodes.Where(node => !node.Id.Contains(':', StringComparison.Ordinal)))
        {
            AppendNode(text, node, 1);
        }

        AppendGroups(text, [.. graph.Nodes.Where(node => node.Id.Contains(':', StringComparison.Ordinal))], 0, 1);
        foreach (var edge in graph.Edges)
        {
            var label = edge.Label is null ? "" : $" &nbsp;{Escape(edge.Label)}&nbsp; ";
            var arrow = (edge.IsConditional, label.Length) switch
            {
                (true, 0) => "-.->",
                (true, _) => $"-.{label}.->",
                (false, 0) => "-->",
                _ => $"--{label}-->",
            };
            text.Append(CultureInfo.InvariantCulture, $"\t{IdOf(edge.Source)} {arrow} {IdOf(edge.Target)};\n");
        }

        return text.Append(
            "\tclassDef default fill:#f2f0ff,line-height:1.2\n"
                + "\tclassDef first fill-opacity:0\n"
                + "\tclassDef last fill:#bfb6fc\n").ToString();
    }

    /// <summary>
    /// Appends the nodes of graphs that are drawn in place of nodes, in a box for each graph. Boxes may be in boxes.
    /// </summary>
    private static void AppendGroups(StringBuilder text, List<DrawnNode> nodes, int level, int indent)
    {
        foreach (var group in nodes.GroupBy(node => node.Id.Split(':')[level]))
        {
            var tabs = new string('\t', indent);
            text.Append(CultureInfo.InvariantCulture, $"{tabs}subgraph {Escape(group.Key)}\n");
            foreach (var node in group.Where(node => node.Id.Split(':').Length == level + 2))
            {
                AppendNode(text, node, indent + 1);
            }

            AppendGroups(text, [.. group.Where(node => node.Id.Split(':').Length > level + 2)], level + 1, indent + 1);
            text.Append(CultureInfo.InvariantCulture, $"{tabs}end\n");
        }
    }

    private static void AppendNode(StringBuilder text, DrawnNode node, int indent)
    {
        text.Append('\t', indent).Append(IdOf(node.Id));
        text.Append(node.Id switch
        {
            StateGraph.Start => "([<p>__start__</p>]):::first",
            StateGraph.End => "([<p>__end__</p>]):::last",
            _ => node.IsGraph ? $"[[{Escape(node.Name)}]]" : $"({Escape(node.Name)})",
        }).Append('\n');
    }

    /// <summary>
    /// Mermaid's ids have letters, digits and underscores. Other characters are replaced by their codes.
    /// </summary>
    private static string IdOf(string id) => string.Concat(id.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_'
        ? letter.ToString()
        : string.Create(CultureInfo.InvariantCulture, $"_{(int)letter:x}_")));

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace("\"", "&quot;", StringComparison.Ordinal)
            .Replace("(", "&#40;", StringComparison.Ordinal).Replace(")", "&#41;", StringComparison.Ordinal)
            .Replace("[", "&#91;", StringComparison.Ordinal).Replace("]", "&#93;", StringComparison.Ordinal);
}
