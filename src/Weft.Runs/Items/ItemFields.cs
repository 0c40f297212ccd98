using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The texts of items that are embedded.</summary>
internal sealed class ItemFields
{
    private readonly ItemIndexOptions _options;
    private readonly IReadOnlyList<ItemPath> _fields;
    private readonly List<(ItemNamespace Prefix, IReadOnlyList<ItemPath> Fields)> _namespaces;

    public ItemFields(ItemIndexOptions options)
    {
        _options = options;
        _fields = Parse(options.Fields ?? ["$"]);
        _namespaces = [.. options.Namespaces
            .Select(entry => (ItemNamespace.Create(entry.Key.Split('.')), Parse(entry.Value)))
            .OrderByDescending(entry => entry.Item1.Count)];
        Name = string.Join(
            ' ',
            options.Namespaces.OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .Select(entry => $"{entry.Key}={string.Join(',', entry.Value)}")
                .Prepend(string.Join(',', options.Fields ?? ["$"])));
    }

    /// <summary>Names the configured fields: other fields have another name.</summary>
    public string Name { get; }

    /// <summary>Checks the paths of a put.</summary>
    /// <exception cref="InvalidItemException">A path is not well formed.</exception>
    public static void Check(IReadOnlyList<string>? paths)
    {
        if (paths?.FirstOrDefault(path => !ItemPath.TryParse(path, out _)) is { } wrong)
        {
            throw new InvalidItemException("index", $"'{wrong}' is not a path such as title, notes[*].text or $.");
        }
    }

    /// <summary>Returns the texts of an item, each not longer than allowed.</summary>
    public IReadOnlyList<string> TextsOf(Item item)
    {
        var paths = item.IndexedPaths is { } own ? Parse(own) : FieldsOf(item.Namespace);
        return [.. paths
            .SelectMany(path => path.Read(item.Value))
            .Select(Cut)
            .Distinct(StringComparer.Ordinal)
            .Take(_options.VectorsPerItemMax)];
    }

    public string Cut(string text)
    {
        var length = Math.Min(text.Length, _options.TextCharactersMax);
        return text[..(length < text.Length && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    private static List<ItemPath> Parse(IEnumerable<string> paths)
    {
        var parsed = new List<ItemPath>();
        foreach (var path in paths)
        {
            // Paths that were stored while no index was configured may be wrong.
            if (ItemPath.TryParse(path, out var found))
            {
                parsed.Add(found);
            }
        }

        return parsed;
    }

    private IReadOnlyList<ItemPath> FieldsOf(ItemNamespace ns)
    {
        foreach (var (prefix, fields) in _namespaces)
        {
            if (ns.Begins(prefix))
            {
                return fields;
            }
        }

        return _fields;
    }
}
