using Microsoft.CodeAnalysis;
using Weft.Graphs.Generator;

namespace Weft.Graphs.Tests.Typed;

/// <summary>What the generator says about mistakes.</summary>
public sealed class GeneratorTests
{
    [Theory]
    [InlineData(
        "[GraphState] public record S(string A);",
        "WEFT001 line 1: The state 'S' must be a 'partial record' that is a class and not abstract")]
    [InlineData(
        "[GraphState] public partial class S { }",
        "WEFT001 line 1: The state 'S' must be a 'partial record' that is a class and not abstract")]
    [InlineData(
        "public class Around { [GraphState] public partial record S(string A); }",
        "WEFT001 line 1: The state 'S' must be a member of partial types, and 'Around' is not partial")]
    [InlineData(
        "[GraphState] public partial record S { public S(int a) { } }",
        "WEFT002 line 1: The state 'S' needs a parameterless constructor, or a primary constructor whose parameters are its members")]
    [InlineData(
        "[GraphState] public partial record S { public int A { get; set; } }",
        "WEFT003 line 1: The member 'A' must be '{ get; init; }', because nodes never change a state: they return an update of it")]
    [InlineData(
        "[GraphState] public partial record S { public int A { get; } = 1; }",
        "WEFT003 line 1: The member 'A' must be '{ get; init; }', because nodes never change a state: they return an update of it")]
    [InlineData(
        "[GraphState] public partial record S(Func<int>? A);",
        "WEFT004 line 1: A Func<int>? can't be converted to JSON: use another type for the member 'A', or mark it [Untracked] or [JsonIgnore]")]
    [InlineData(
        "[GraphState] public partial record S { public System.IO.FileStream? A { get; init; } }",
        "WEFT004 line 1: A FileStream? can't be converted to JSON: use another type for the member 'A', or mark it [Untracked] or [JsonIgnore]")]
    [InlineData(
        "[GraphState] public partial record S(int A, [property: JsonPropertyName(\"a\")] int B);",
        "WEFT005 line 1: The members 'A' and 'B' both have the channel 'a': rename one with [JsonPropertyName]")]
    [InlineData(
        "[GraphState] public partial record S([property: JsonPropertyName(\"__a\")] int A = 0);",
        "WEFT006 line 1: '__a' can't be the channel of the member 'A': it must not be empty or begin with '__' or 'branch:'")]
    [InlineData(
        "[GraphState] public partial record S([Reducer(\"Sum\")] int A = 0);",
        "WEFT007 line 1: The reducer of 'A' must be a method 'static int Sum(int value, int write)' of S")]
    [InlineData(
        "[GraphState] public partial record S([Reducer(\"Sum\")] int A = 0) { static long Sum(int a, int b) => a; }",
        "WEFT007 line 1: The reducer of 'A' must be a method 'static int Sum(int value, int write)' of S")]
    [InlineData(
        "[GraphState] public partial record S([Reducer(typeof(Math), \"Floor\")] double A = 0);",
        "WEFT007 line 1: The reducer of 'A' must be a method 'static double Floor(double value, double write)' of Math")]
    [InlineData(
        "[GraphState] public partial record S([Append] string A);",
        "WEFT008 line 1: The member 'A' must be an IReadOnlyList<T>, because it is marked [Append]")]
    [InlineData(
        "[GraphState] public partial record S { [Topic] public int[] A { get; init; } = []; }",
        "WEFT008 line 1: The member 'A' must be an IReadOnlyList<T>, because it is marked [Topic]")]
    [InlineData(
        "[GraphState] public partial record S { [Topic, Append] public IReadOnlyList<int> A { get; init; } = []; }",
        "WEFT009 line 1: The member 'A' must have only one of the attributes [Topic] and [Append]")]
    [InlineData(
        "[GraphState] public partial record S(List<string> A);",
        "WEFT010 line 1: Changes in place of the List<string> 'A' are lost when the state is read from storage, and appear in earlier "
            + "checkpoints: use IReadOnlyList<T> with [Append], or another read-only or immutable type")]
    [InlineData(
        "[GraphState] public partial record S(int Update);",
        "WEFT011 line 1: A member of a state can't be named 'Update', because the generated code has a member of that name: give it another "
            + "name, and the channel its name with [JsonPropertyName]")]
    [InlineData(
        "[GraphState(Json = typeof(Uri))] public partial record S(int A);",
        "WEFT012 line 1: 'Uri' must be a JsonSerializerContext, or have a static property 'Options' of type JsonSerializerOptions")]
    [InlineData(
        "[GraphState] public partial record S([Reducer(typeof(string), \"Concat\")] string A);",
        "WEFT013 line 1: The member 'A' has a reducer and its type is not nullable: give it an initial value, with which the first write is "
            + "combined")]
    [InlineData(
        "[GraphState] public partial record S([Ephemeral] string A);",
        "WEFT014 line 1: The member 'A' has no value in most supersteps: make its type nullable, or give it an initial value")]
    [InlineData(
        "[GraphState] public partial record S { [Append] public IReadOnlyList<Message> A { get; init; } = []; }",
        "WEFT015 line 1: The member 'A' collects messages: make its type MessageList, without an attribute")]
    public void A_mistake_is_reported_where_it_is(string code, string problem) => Compiled.Of(code).Problems.ShouldBe([problem]);

    [Fact]
    public void A_mistake_does_not_hide_the_rest_of_the_state()
    {
        var code = """
            [GraphState] public partial record S { public int A { get; set; } public int B { get; init; } }
            public static class G { public static CompiledGraph Make() => S.CreateGraph().AddNode("n", s => new() { B = s.B + 1 }).Compile(); }
            """;

        Compiled.Of(code).Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("s => new() { Wrong = 1 }", "does not contain a definition for 'Wrong'")]
    [InlineData("s => new() { B = \"one\" }", "CS0029 line 2: Cannot implicitly convert type 'string' to 'int'")]
    [InlineData("s => new() { B = s.Wrong }", "CS1061 line 2: 'S' does not contain a definition for 'Wrong'")]
    [InlineData("(s, context) => new() { B = s.Wrong }", "CS1061 line 2: 'S' does not contain a definition for 'Wrong'")]
    [InlineData("async (s, stop) => { await Task.Delay(1, stop); return new() { B = s.Wrong }; }", "CS1061 line 2: 'S' does not contain")]
    public void The_compiler_says_what_is_wrong_with_a_node(string node, string error) => Compiled.Of($$"""
        [GraphState] public partial record S(int B = 0);
        public static class G { public static object Make() => S.CreateGraph().AddNode("n", {{node}}); }
        """).Errors.ShouldContain(found => found.Contains(error, StringComparison.Ordinal));

    [Fact]
    public void The_compiler_says_how_a_channel_of_items_is_written()
    {
        const string Code = """
            public static class G
            {
                private static readonly ListChannel<string> Words = Channel.List<string>("words");
                private static readonly ListChannel<object> Things = Channel.List<object>("things");
                public static object Right() => new StateUpdate().Set(Words, ["one"]).Add(Words, "two").Set(Things, new object[] { 1 });
                public static object Wrong() => new StateUpdate().Set(Words, "three");
            }
            """;

        Compiled.Of(Code).Errors.ShouldHaveSingleItem().ShouldBe(
            "CS0619 line 6: 'StateUpdate.Set<T>(ListChannel<T>, T)' is obsolete: 'This channel collects items. Append one with "
                + "Add(channel, item), or replace all with Overwrite(channel, items).'");
    }

    [Theory]
    [InlineData("A")]
    [InlineData("Ab")]
    [InlineData("ABc")]
    [InlineData("aB")]
    [InlineData("URLOfID")]
    [InlineData("IOStream2")]
    public void Names_are_as_the_serializer_makes_them(string name) =>
        Names.Camel(name).ShouldBe(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name));

    [Fact]
    public void An_edit_elsewhere_generates_nothing_again()
    {
        var compiled = Compiled.Of("[GraphState] public partial record S([Append] IReadOnlyList<string> A, int B = 0);");
        var edited = compiled.Compilation.RemoveSyntaxTrees(compiled.Compilation.SyntaxTrees.Skip(1))
            .AddSyntaxTrees(Compiled.Parse("class Other;", "Other.cs"));

        var steps = compiled.Driver.RunGenerators(edited, TestContext.Current.CancellationToken).GetRunResult().Results.Single().TrackedSteps["States"];

        steps.SelectMany(step => step.Outputs).ShouldAllBe(output => output.Reason == IncrementalStepRunReason.Unchanged
            || output.Reason == IncrementalStepRunReason.Cached);
    }
}
