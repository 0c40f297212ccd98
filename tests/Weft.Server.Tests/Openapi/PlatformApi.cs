using System.Runtime.CompilerServices;

namespace Weft.Server.Tests.Openapi;

/// <summary>What the platform's OpenAPI document says, as <c>derive.mjs</c> derived it from the document.</summary>
internal sealed class PlatformApi
{
    private readonly List<Fact> _facts;
    private readonly ILookup<string, Fact> _schemas;

    public PlatformApi()
    {
        var lines = File.ReadAllLines(Path.Combine(Here(), "platform.txt"));
        _facts = [.. lines.Select(line => line.Split('\t')).Select(parts => new Fact(parts[0], parts.ElementAtOrDefault(1) ?? ""))];
        _schemas = _facts.Where(fact => !fact.IsOfOperation).ToLookup(fact => fact.Place.Split('.', '[')[0]);
    }

    /// <summary>Returns the facts that a document does not have, each once, with the place where it is missing.</summary>
    public IEnumerable<(string Fact, string Place)> MissingIn(DescribedApi api) =>
        _facts.Where(fact => fact.IsOfOperation).SelectMany(fact => MissingIn(api, fact, fact.Place, [])).DistinctBy(missing => missing.Fact);

    private IEnumerable<(string Fact, string Place)> MissingIn(DescribedApi api, Fact fact, string place, string[] inside)
    {
        if (api.Find(place) is not { } described)
        {
            return [(fact.ToString(), place)];
        }

        if (fact.Schema is { } schema)
        {
            return inside.Contains(schema) ? [] : _schemas[schema].SelectMany(
                member => MissingIn(api, member, place + member.Place[schema.Length..], [.. inside, schema]));
        }

        return fact.Value is { } value ? described.Values.Contains(value) ? [] : [(fact.ToString(), place)]
            : described.Types.Count == 0 || fact.Types.All(type => Has(described.Types, type)) ? []
            : [(fact.ToString(), place)];
    }

    private static bool Has(HashSet<string> types, string type) => types.Contains(type) || (type == "integer" && types.Contains("number"));

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    private sealed record Fact(string Place, string What)
    {
        public bool IsOfOperation => Place.Contains(" /", StringComparison.Ordinal);

        /// <summary>The schema that describes the place; null if the fact is another one.</summary>
        public string? Schema => What.StartsWith("-> ", StringComparison.Ordinal) ? What[3..] : null;

        /// <summary>A value that the place may have; null if the fact is another one.</summary>
        public string? Value => What.StartsWith("= ", StringComparison.Ordinal) ? What[2..] : null;

        public string[] Types => What.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        public override string ToString() => $"{Place} {What}".TrimEnd();
    }
}
