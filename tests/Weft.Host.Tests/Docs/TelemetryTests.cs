using System.Reflection;
using Weft.Graphs;

namespace Weft.Host.Tests.Docs;

/// <summary>docs/operations.md names every span, attribute and instrument.</summary>
public sealed class TelemetryTests
{
    public static TheoryData<string> Names =>
        [
            .. typeof(WeftTelemetry)
                .GetNestedTypes(BindingFlags.NonPublic)
                .SelectMany(group => group.GetFields())
                .Select(name => (string)name.GetValue(null)!),
        ];

    [Fact]
    public void There_are_names() => Names.Count.ShouldBeGreaterThan(30);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_name_is_documented(string name) => OperationsGuide.Text.ShouldMatch($"`{name.Replace(".", "[.]")}[` ]");
}
