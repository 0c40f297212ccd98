namespace Weft.Graphs.Tests.Docs;

/// <summary>The guide shows code that is compiled and run.</summary>
public sealed class GuideTests
{
    [Fact]
    public void Every_block_of_code_is_a_snippet() => Guide.Blocks.Where(block => block.Language == "csharp")
        .ShouldAllBe(block => Guide.Snippets.Any(snippet => block.Comment == $"snippet: {snippet.Name}"));

    [Fact]
    public void Every_snippet_is_shown_once_and_as_it_is_run()
    {
        foreach (var (name, text) in Guide.Snippets)
        {
            Guide.Blocks.Where(block => block.Comment == $"snippet: {name}").ShouldHaveSingleItem(name).Text.ShouldBe(text);
        }

        Guide.Snippets.ShouldNotBeEmpty();
    }

    [Fact]
    public void Everything_that_is_said_to_be_printed_or_set_is_checked() =>
        Guide.Blocks.Where(block => block.Language is "text" or "mermaid" or "json")
        .ShouldAllBe(
            block => (block.Comment.StartsWith("prints: ")
                    && Guide.Code.Contains($"Prints(\"{block.Comment.Substring("prints: ".Length)}\")"))
                || (block.Comment.StartsWith("settings: ")
                    && Guide.Code.Contains($"SettingsOf(\"{block.Comment.Substring("settings: ".Length)}\")")));
}
