namespace Weft.Mcp;

/// <summary>Makes the names by which a model knows tools.</summary>
internal static class ToolNames
{
    /// <summary>The longest name that the common models accept.</summary>
    private const int LengthMax = 64;

    /// <summary>Returns the names of tools, in order.</summary>
    /// <param name="tools">Server, prefix and name of each tool.</param>
    /// <exception cref="ArgumentException">Two tools have the same name also with the names of their servers.</exception>
    public static IReadOnlyList<string> Of(IEnumerable<(string Server, string? Prefix, string Tool)> tools)
    {
        var given = tools.Select(static tool => (tool.Server, Plain: Clean(tool.Prefix + tool.Tool), tool.Prefix, tool.Tool)).ToList();
        var taken = given.CountBy(static tool => tool.Plain).Where(static count => count.Value > 1).Select(static count => count.Key).ToHashSet();
        List<string> names =
        [
            .. given.Select(tool => taken.Contains(tool.Plain) && tool.Prefix is null ? Clean($"{tool.Server}_{tool.Tool}") : tool.Plain),
        ];
        var twice = names.CountBy(static name => name).FirstOrDefault(static count => count.Value > 1).Key;
        return twice is null
            ? names
            : throw new ArgumentException($"Two tools are named '{twice}'. Set Prefix for one of their servers.", nameof(tools));
    }

    /// <summary>Returns a name with the characters that models accept.</summary>
    private static string Clean(string name) => string.Create(Math.Min(name.Length, LengthMax), name, static (characters, name) =>
    {
        for (var i = 0; i < characters.Length; i++)
        {
            characters[i] = char.IsAsciiLetterOrDigit(name[i]) || name[i] is '-' or '_' ? name[i] : '_';
        }
    });
}
