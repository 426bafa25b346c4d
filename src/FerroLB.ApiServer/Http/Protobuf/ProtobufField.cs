namespace FerroLB.ApiServer.Http.Protobuf;

/// <summary>One field of a protocol buffer message.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Type">The type of one value, as KubeMessages writes it.</param>
/// <param name="IsRepeated">Whether it is a list.</param>
/// <param name="IsMap">Whether it is a map by string.</param>
/// <param name="KeepsZero">Whether zero or "" differ from absence.</param>
/// <param name="IsInline">Whether its fields stand in the message around it.</param>
internal sealed record ProtobufField(
    int Number, string Name, string Type, bool IsRepeated, bool IsMap, bool KeepsZero, bool IsInline)
{
    /// <summary>Reads "NUMBER NAME [inline] TYPE".</summary>
    public static ProtobufField Parse(string text)
    {
        string[] words = text.Split(' ', System.StringSplitOptions.RemoveEmptyEntries);
        string type = words[^1];
        bool isRepeated = type.StartsWith("[]", System.StringComparison.Ordinal);
        bool isMap = type.StartsWith("map[", System.StringComparison.Ordinal);
        string single = isRepeated ? type[2..] : isMap ? type[4..^1] : type.TrimEnd('?');
        int number = int.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture);
        return new ProtobufField(number, words[1], single, isRepeated, isMap, type.EndsWith('?'), words.Length == 4);
    }
}
