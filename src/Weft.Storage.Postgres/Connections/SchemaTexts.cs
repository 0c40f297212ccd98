using System.Collections.Concurrent;

namespace Weft.Storage.Postgres;

/// <summary>The texts of statements with the schema of the database in the place of <c>weft</c>.</summary>
internal sealed class SchemaTexts(string schema)
{
    private const string Default = "weft";

    // The texts are constants, so their references identify them.
    private readonly ConcurrentDictionary<string, string> _texts = new(ReferenceEqualityComparer.Instance);

    public string Of(string sql) => schema == Default ? sql : _texts.GetOrAdd(sql, static (sql, name) => Replace(sql, name), Name);

    /// <summary>The schema as it stands in a text. It may be a word of SQL, such as <c>user</c>.</summary>
    public string Name { get; } = $"\"{schema}\"";

    /// <summary>Replaces the schema in a text that is used once.</summary>
    public string OfScript(string script) => schema == Default ? script : Replace(script, Name);

    private static string Replace(string sql, string name) => sql.Replace($"{Default}.", $"{name}.", StringComparison.Ordinal);
}
