using System.Collections;
using System.Globalization;
using System.Reflection;
using Weft.Cluster;
using Weft.Host.Authentication;
using Weft.Models;
using Weft.Runs;
using Weft.Server;
using Weft.Storage.Postgres;
using Weft.Storage.Sqlite;

namespace Weft.Host.Tests.Docs;

/// <summary>The tables of docs/operations.md and docs/scale.md have every option with its default.</summary>
public sealed class OptionsTests
{
    private const string Hint =
        "Add to docs/operations.md, or correct there, one row for each option of RunsOptions, WeftServerOptions, "
            + "SqliteStorageOptions, PostgresStorageOptions, ItemIndexOptions, ModelsOptions and AuthSettings, and to docs/scale.md those of ClusterOptions: "
            + "| `name` | default | meaning |";

    [Fact]
    public void Every_option_is_documented_with_its_default() =>
        OperationsGuide.Options.Select(option => $"| `{option.Option}` | {option.Default} |").ShouldBe(
            [
                .. Rows("Weft:Runs", new RunsOptions()),
                .. Rows("Weft:Server", new WeftServerOptions()),
                .. Rows("Weft:Sqlite", new SqliteStorageOptions()),
                .. Rows("Weft:Postgres", new PostgresStorageOptions()),
                .. Rows("Weft:Cluster", new ClusterOptions()),
                .. Rows("Weft:Store", new ItemIndexOptions()),
                .. Rows("Weft:Models", new ModelsOptions()),
                .. Rows("Weft:Models:Chat:{name}", new ModelOptions()),
                .. Rows("Weft:Auth", new AuthSettings()),
            ],
            ignoreOrder: true,
            Hint);

    private static IEnumerable<string> Rows(string section, object options)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(IsConfigurable))
        {
            var name = $"{section}:{property.Name}";
            var value = property.GetValue(options);
            if (property.PropertyType is { IsClass: true, Namespace: { } space } && space.StartsWith("Weft", StringComparison.Ordinal))
            {
                foreach (var row in Rows(name, value!))
                {
                    yield return row;
                }
            }
            else
            {
                yield return $"| `{name}` | {Format(value)} |";
            }
        }
    }

    /// <summary>Code alone sets functions.</summary>
    private static bool IsConfigurable(PropertyInfo property) => !typeof(Delegate).IsAssignableFrom(property.PropertyType);

    private static string Format(object? value) => value switch
    {
        null or "" => "none",
        bool flag => flag ? "true" : "false",
        string text => text,
        IEnumerable list => FormatList([.. list.Cast<object>()]),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string FormatList(List<object> entries) => entries.Count switch
    {
        0 => "none",
        > 5 => "a list",
        _ => string.Join(", ", entries.Select(entry => $"`{entry}`")),
    };
}
