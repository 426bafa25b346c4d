using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace FerroLB.ApiServer.Http;

/// <summary>
/// Turns the YAML body of a request into JSON. Plain scalars become numbers, booleans and null where YAML's core schema says so.
/// </summary>
internal static class YamlBody
{
    private const int MaximumDepth = 64;

    /// <summary>Converts one document; JSON, being YAML already, comes back as it is.</summary>
    /// <param name="body">UTF-8 text.</param>
    /// <param name="json">The result.</param>
    /// <param name="error">Why the body cannot be converted; "" on success.</param>
    public static bool TryConvert(ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> json, out string error)
    {
        json = body;
        error = "";
        if (body.Span.TrimStart(" \r\n\t"u8) is [(byte)'{', ..] && IsJson(body))
            return true;
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(Encoding.UTF8.GetString(body.Span)));
            if (stream.Documents.Count != 1)
                throw new InvalidDataException("the body must hold one document, and holds " + stream.Documents.Count);
            json = JsonBytes.Written(writer => Write(writer, stream.Documents[0].RootNode, 0));
            return true;
        }
        catch (Exception failure) when (failure is YamlException or InvalidDataException)
        {
            error = "error converting YAML to JSON: yaml: " + failure.Message;
            return false;
        }
    }

    private static bool IsJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void Write(Utf8JsonWriter writer, YamlNode node, int depth)
    {
        // Anchors can nest a document in itself, so depth is all that ends the walk.
        if (depth > MaximumDepth)
            throw new InvalidDataException($"nested more than {MaximumDepth} deep");
        switch (node)
        {
            case YamlMappingNode mapping:
                writer.WriteStartObject();
                foreach ((YamlNode key, YamlNode value) in mapping.Children)
                {
                    writer.WritePropertyName((key as YamlScalarNode)?.Value ?? throw new InvalidDataException("a key is not a string"));
                    Write(writer, value, depth + 1);
                }
                writer.WriteEndObject();
                break;
            case YamlSequenceNode sequence:
                writer.WriteStartArray();
                foreach (YamlNode item in sequence.Children)
                    Write(writer, item, depth + 1);
                writer.WriteEndArray();
                break;
            default:
                WriteScalar(writer, (YamlScalarNode)node);
                break;
        }
    }

    private static void WriteScalar(Utf8JsonWriter writer, YamlScalarNode scalar)
    {
        string text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain || scalar.Tag == "tag:yaml.org,2002:str")
            writer.WriteStringValue(text);
        else if (text is "" or "~" or "null" or "Null" or "NULL")
            writer.WriteNullValue();
        else if (text is "true" or "True" or "TRUE")
            writer.WriteBooleanValue(true);
        else if (text is "false" or "False" or "FALSE")
            writer.WriteBooleanValue(false);
        else if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
            writer.WriteNumberValue(whole);
        else if (IsFloat(text, out double number))
            writer.WriteNumberValue(number);
        else
            writer.WriteStringValue(text);
    }

    private static bool IsFloat(string text, out double number)
    {
        number = 0;
        return (char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.')
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number)
            && double.IsFinite(number);
    }
}
