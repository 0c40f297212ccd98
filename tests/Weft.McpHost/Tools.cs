using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Weft.McpHost;

/// <summary>Tools of each kind, and some that misbehave.</summary>
internal sealed class Tools
{
    [McpServerTool(Name = "echo", ReadOnly = true), Description("Says it again.")]
    public static string Echo(string text) => text;

    [McpServerTool(Name = "environment", ReadOnly = true), Description("Returns an environment variable.")]
    public static string Environment(string name) => System.Environment.GetEnvironmentVariable(name) ?? "none";

    [McpServerTool(Name = "process", ReadOnly = true), Description("Returns the id of the process.")]
    public static string Process() => $"{System.Environment.ProcessId}";

    [McpServerTool(Name = "sum", ReadOnly = true, UseStructuredContent = true), Description("Adds two numbers.")]
    public static Sum Add(int a, int b) => new(a, b, a + b);

    [McpServerTool(Name = "delete", Destructive = true), Description("Deletes a file.")]
    public static string Delete(string path) => $"deleted {path}";

    [McpServerTool(Name = "append", Destructive = false), Description("Adds a line.")]
    public static string Append(string line) => $"appended {line}";

    [McpServerTool(Name = "plain"), Description("Has no annotations.")]
    public static string Plain() => "plain";

    [McpServerTool(Name = "picture", ReadOnly = true), Description("Returns a picture, a resource and a link.")]
    public static IEnumerable<ContentBlock> Picture() =>
    [
        new TextContentBlock { Text = "Here it is." },
        ImageContentBlock.FromBytes("pixels"u8.ToArray(), "image/png"),
        new EmbeddedResourceBlock { Resource = new TextResourceContents { Uri = "file:///notes.txt", MimeType = "text/plain", Text = "a note" } },
        new ResourceLinkBlock { Uri = "https://files.example/a.pdf", Name = "a.pdf", MimeType = "application/pdf" },
    ];

    [McpServerTool(Name = "fail", ReadOnly = true), Description("Fails.")]
    public static CallToolResult Fail() => new() { IsError = true, Content = [new TextContentBlock { Text = "The disk is full." }] };

    [McpServerTool(Name = "steps", ReadOnly = true), Description("Reports each of its steps.")]
    public static async Task<string> StepsAsync(int count, IProgress<ProgressNotificationValue> progress, CancellationToken cancellationToken)
    {
        for (var step = 1; step <= count; step++)
        {
            progress.Report(new ProgressNotificationValue { Progress = step, Total = count, Message = $"step {step}" });
            await Task.Delay(100, cancellationToken);
        }

        return "done";
    }

    [McpServerTool(Name = "hang", ReadOnly = true), Description("Does not end, and writes to a file when it is cancelled.")]
    public static async Task<string> HangAsync(string file, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(file, "began", cancellationToken);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            await File.WriteAllTextAsync(file, "cancelled", CancellationToken.None);
        }

        return "";
    }

    [McpServerTool(Name = "freeze", ReadOnly = true), Description("Stops the whole process without ending it.")]
    public static string Freeze()
    {
        using var stop = System.Diagnostics.Process.Start("sh", ["-c", $"kill -STOP {System.Environment.ProcessId}"]);
        stop.WaitForExit();
        return "";
    }

    [McpServerTool(Name = "die", ReadOnly = true), Description("Ends the process.")]
    public static string Die()
    {
        System.Environment.Exit(3);
        return "";
    }

    public sealed record Sum(int A, int B, int Total);
}
