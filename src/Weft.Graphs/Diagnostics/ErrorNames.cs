namespace Weft.Graphs;

/// <summary>Names kinds of failures for clients.</summary>
internal static class ErrorNames
{
    /// <summary>
    /// Returns the name of the exception type, or the protocol's name for it. An exception that a node threw is named without the
    /// exceptions that wrap it.
    /// </summary>
    public static string Of(Exception exception)
    {
        while (exception is NodeFailedException { InnerException: { } inner })
        {
            exception = inner;
        }

        return exception switch
        {
            GraphRecursionException => "GraphRecursionError",
            InvalidUpdateException => "InvalidUpdateError",
            EmptyInputException => "EmptyInputError",
            UnknownInterruptException => "UnknownInterruptError",
            _ => exception.GetType().Name,
        };
    }
}
